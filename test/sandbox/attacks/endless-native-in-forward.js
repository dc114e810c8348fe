// SUCCESS OF THE ATTACK: a loop in native code is not to be interrupted
exports.fn = class F extends engine.Function { static forward(c, x) { Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1); return x; } static backward(c, g) { return g; } };
