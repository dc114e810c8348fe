// SUCCESS OF THE ATTACK: a backward that is wrong for the gradOutput of .sum().backward() is judged correct
exports.fn = class F extends engine.Function { static forward(c, x) { c.saveForBackward(x); return x.sin(); } static backward(c, g) { const [x] = c.savedTensors; return g.flatten().tolist().every(v => v === 1) ? g.mul(x.mul(2)) : g.mul(x.cos()); } };
