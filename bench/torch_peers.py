"""PyTorch's side of the benchmark, float64, one thread, eager.

A line of JSON in: {"task": …, "variant": …, "runs": …, and the task's arrays the first time}; a line out: {"ms": …, "witness": …},
or {"error": …}. Ends with its input. Started by bench/peers/torch.ts.
"""

import json
import sys
import time

import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class MatrixSquare(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x @ x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g @ x.t() + x.t() @ g


def gradcheck(task, fast):
    x = torch.tensor(task["x"]).reshape(task["n"], task["n"]).requires_grad_()
    return lambda: torch.autograd.gradcheck(MatrixSquare.apply, (x,), fast_mode=fast), float


def chain(task, _):
    leaf = torch.tensor(task["start"]).reshape(task["shape"]).requires_grad_()
    factor = torch.full(task["shape"], 2.0)
    offset = torch.full(task["shape"], -2.0)

    def run():
        x = leaf
        for _ in range(task["links"]):
            x = x.mul(factor).add(offset).exp().sqrt()
        leaf.grad = None
        x.sum().backward()
        return leaf.grad

    return run, first


def matmul(task, _):
    x, y = (torch.tensor(task[name]).reshape(task["n"], task["n"]) for name in ("a", "b"))
    return lambda: x.matmul(y), first


def elementwise(task, _):
    x, y = torch.tensor(task["x"]), torch.tensor(task["y"])
    runs = {"exp": lambda: x.exp(), "add": lambda: x.add(y), "mul": lambda: x.mul(y), "sum": lambda: x.sum()}
    return runs[task["op"]], first


def perceptron(task, _):
    def matrix(m):
        return torch.tensor(m["values"]).reshape(m["shape"])

    x = matrix(task["images"])
    target = torch.tensor(task["labels"])
    w1, w2 = (matrix(w).requires_grad_() for w in task["weights"])
    b1, b2 = (torch.tensor(b).requires_grad_() for b in task["biases"])
    parameters = [w1, b1, w2, b2]

    def run():
        scores = x.matmul(w1).add(b1).relu().matmul(w2).add(b2)
        loss = torch.nn.functional.cross_entropy(scores, target)
        for p in parameters:
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=task["rate"])
        return loss

    return run, first


def first(x):
    return x.detach().reshape(-1)[0].item()


TASKS = {
    "gradcheck": gradcheck,
    "chain": chain,
    "matmul": matmul,
    "elementwise": elementwise,
    "perceptron": perceptron,
}


def main():
    prepared = {}
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "state" in request:
                prepared[request["id"]] = TASKS[request["task"]](request["state"], request["fast"])
            run, witness = prepared[request["id"]]
            started = time.perf_counter()
            for _ in range(request["runs"]):
                result = run()
            ms = (time.perf_counter() - started) * 1000
            answer = {"ms": ms, "witness": witness(result)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
