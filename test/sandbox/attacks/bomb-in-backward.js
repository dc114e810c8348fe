// SUCCESS OF THE ATTACK: backward fills memory
const kept = []; exports.fn = class F extends engine.Function { static forward(c, x) { c.saveForBackward(x); return x.sin(); } static backward(c, g) { for (;;) kept.push(new Array(1e5).fill({})); } };
