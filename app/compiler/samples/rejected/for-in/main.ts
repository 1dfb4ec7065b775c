const list: Record<string, number> = { a: 1 };
for (const key in list) console.log(key);
