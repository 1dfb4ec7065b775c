console.log('a😀b');
