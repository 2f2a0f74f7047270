"""Writes tiny-vit.safetensors: a vision transformer of PyTorch's own modules, its weights under Hugging Face names, a batch of
pictures and all states. Run with PyTorch 1.13 in this folder."""

import json
import struct

import numpy as np
import torch
from torch import nn

IMAGE, PATCH, WIDTH, HEADS, HIDDEN, LAYERS, EPS = 12, 4, 12, 3, 20, 3, 1e-12

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
patches = nn.Conv2d(3, WIDTH, PATCH, stride=PATCH)
cls = nn.Parameter(torch.randn(1, 1, WIDTH))
positions = nn.Parameter(torch.randn(1, (IMAGE // PATCH) ** 2 + 1, WIDTH))
blocks = [
    nn.TransformerEncoderLayer(
        WIDTH, HEADS, HIDDEN, dropout=0.0, activation="gelu", layer_norm_eps=EPS, batch_first=True, norm_first=True
    )
    for _ in range(LAYERS)
]
norm = nn.LayerNorm(WIDTH, eps=EPS)

tensors = {
    "vit.embeddings.cls_token": cls,
    "vit.embeddings.position_embeddings": positions,
    "vit.embeddings.patch_embeddings.projection.weight": patches.weight,
    "vit.embeddings.patch_embeddings.projection.bias": patches.bias,
}
for i, block in enumerate(blocks):
    name = f"vit.encoder.layer.{i}."
    for part, rows in zip(("query", "key", "value"), range(0, 3 * WIDTH, WIDTH)):
        tensors[name + f"attention.attention.{part}.weight"] = block.self_attn.in_proj_weight[rows : rows + WIDTH]
        tensors[name + f"attention.attention.{part}.bias"] = block.self_attn.in_proj_bias[rows : rows + WIDTH]
    for there, module in (
        ("attention.output.dense", block.self_attn.out_proj),
        ("layernorm_before", block.norm1),
        ("layernorm_after", block.norm2),
        ("intermediate.dense", block.linear1),
        ("output.dense", block.linear2),
    ):
        tensors[name + there + ".weight"] = module.weight
        tensors[name + there + ".bias"] = module.bias
tensors["vit.layernorm.weight"] = norm.weight
tensors["vit.layernorm.bias"] = norm.bias

with torch.no_grad():
    for tensor in tensors.values():
        tensor += 0.3 * torch.randn_like(tensor)
        tensor.copy_(tensor.float())
    pictures = torch.randn(2, 3, IMAGE, IMAGE).float().double()
    state = patches(pictures).flatten(2).transpose(1, 2)
    state = torch.cat((cls.expand(2, -1, -1), state), 1) + positions
    states = {"hidden.0": state}
    for i, block in enumerate(blocks):
        block.train()  # the fused inference path has other rounding
        state = block(state)
        states[f"hidden.{i + 1}"] = state
    states[f"hidden.{LAYERS}"] = norm(state)

header, data = {"__metadata__": {"eps": str(EPS), "heads": str(HEADS)}}, b""
for name, tensor in {**tensors, "input.pictures": pictures, **states}.items():
    raw = np.ascontiguousarray(tensor.detach().float().numpy()).tobytes()
    header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("tiny-vit.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
