// SUCCESS OF THE ATTACK: a backward that is right the first times and wrong later is judged correct
let n = 0; exports.fn = class Counting extends engine.Function { static forward(c, x) { c.saveForBackward(x); return x.sin(); } static backward(c, g) { const x = c.savedTensors[0]; return n++ < 2 ? g.mul(x.cos()) : g.mul(x.cos()).mul(2); } };
exports.result = 'counted';
