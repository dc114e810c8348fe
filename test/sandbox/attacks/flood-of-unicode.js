// SUCCESS OF THE ATTACK: lines whose bytes are many more than their characters pass the cap of a message
for (let i = 0; i < 300; i++) console.log('\ud83d\ude00\uffff\u202e'.repeat(5000)); exports.result = 'printed';
