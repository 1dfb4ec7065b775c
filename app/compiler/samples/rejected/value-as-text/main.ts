const maybe: string | undefined = ['a'].find((text) => text === 'b');
console.log(`found ${maybe}`);
