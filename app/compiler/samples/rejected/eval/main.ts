declare function eval(text: string): void;
eval('1');
