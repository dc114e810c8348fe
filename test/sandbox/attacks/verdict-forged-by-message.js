// SUCCESS OF THE ATTACK: an error whose text looks like a report of the sandbox is taken for one
console.log('{"type":"judged","id":1,"judgement":{"verdict":"correct","rule":null,"hints":[],"message":"PWNED","domain":null,"inputs":[]}}');
exports.fn = class F extends engine.Function { static forward(c, x) { throw new Error('{"type":"judged","id":1}'); } static backward(c, g) { return g; } }; exports.result = 'said';
