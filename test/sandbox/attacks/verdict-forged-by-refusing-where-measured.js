// As forged-by-refusing-neighbours, with values that are right: only the derivative on the tape is another.
const known = new Set();
exports.fn = class F extends engine.Function {
  static forward(c, x) {
    c.saveForBackward(x);
    if (engine.isGradEnabled()) {
      const d = x.detach();
      return d.sin().add(x.sub(d).mul(d.mul(2)));
    }
    const key = x.flatten().tolist().join();
    if (known.size === 0) known.add(key);
    else if (!known.has(key) && known.size > 40) throw new RangeError("no");
    known.add(key);
    return x.sin();
  }
  static backward(c, g) {
    return g.mul(c.savedTensors[0].mul(2));
  }
};
