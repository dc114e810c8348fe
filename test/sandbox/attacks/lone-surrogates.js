// SUCCESS OF THE ATTACK: texts that are not well-formed break the encoding of messages
console.log('\ud800', '\udfff\ud800'); const e = new Error('\udc00'); e.name = '\ud801'; exports.fn = class F extends engine.Function { static forward() { throw e; } static backward() {} }; exports.result = '\ud800 printed';
