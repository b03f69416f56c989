"""Trains the embedding MLP with PyTorch on one thread, eagerly. Reads JSON, writes JSON; see pytorch.ts."""
import json
import sys
import time

import torch

torch.set_num_threads(1)
given = json.load(sys.stdin)
sizes, optimizer = given["sizes"], given["optimizer"]
p, d, h = sizes["p"], sizes["embedding"], sizes["hidden"]
shapes = [(p, d), (d, h), (h, d), (d, p)]
tokens = torch.tensor(given["tokens"])
targets = torch.tensor(given["targets"])
first_token, second_token = tokens[:, 0], tokens[:, 1]
CHECKED_STEPS = 2


def as_written(E, Win, Wout, Wunemb):
    return torch.relu((E[first_token] + E[second_token]) @ Win) @ Wout @ Wunemb


def rewritten(E, Win, Wout, Wunemb):
    P = E @ Win
    return torch.relu(P[first_token] + P[second_token]) @ (Wout @ Wunemb)


def measure(name, logits):
    weights = [
        torch.tensor(values).reshape(shape).requires_grad_() for values, shape in zip(given["weights"], shapes)
    ]
    adamw = torch.optim.AdamW(
        weights,
        lr=optimizer["lr"],
        betas=tuple(optimizer["betas"]),
        eps=optimizer["eps"],
        weight_decay=optimizer["weightDecay"],
    )

    def loss_now():
        return torch.nn.functional.cross_entropy(logits(*weights), targets)

    def step():
        adamw.zero_grad()
        loss_now().backward()
        adamw.step()

    for _ in range(CHECKED_STEPS):
        step()
    result = {"form": name, "loss": loss_now().item(), "cpuMs": [], "wallMs": []}
    for _ in range(given["rounds"]):
        steps, cpu, wall = 0, time.process_time(), time.perf_counter()
        while time.perf_counter() - wall < given["roundSeconds"]:
            step()
            steps += 1
        result["cpuMs"].append(1000 * (time.process_time() - cpu) / steps)
        result["wallMs"].append(1000 * (time.perf_counter() - wall) / steps)
    return result


print(json.dumps([measure("as written", as_written), measure("rewritten", rewritten)]))
