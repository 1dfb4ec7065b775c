const list: number[] = [];
if (list) console.log('yes');
