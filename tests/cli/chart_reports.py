# SPDX-License-Identifier: MIT
"""Reports of boots that are hard to draw, each with its name."""

import json


def report(timeline, **more):
    return {"result": "handover", "init": "/sbin/init", "image": "0.2.0", "kernel": "6.1.0-51-amd64",
            "machine_uuid": "6d6b7078-6572-4d64-8000-525400123456", **more, "timeline": timeline}


def event(name, begin, end=None, **more):
    times = {"begin": begin} if end is None else {"begin": begin, "end": end}
    return {"name": name, **times, **more}


def failure():
    code = {"code": "MPX-FETCH-06", "problem": "http://10.0.0.1/" + "modloop" * 30 + ": stalled: no data for 10 s"}
    timeline = {"written": 190.5, "kernel": {"unpack_begin": .5, "unpack_end": 1.7, "run_init": 1.9},
                "phases": [event("start", 1.91, 1.92, attempts=1), event("network", 1.95, 2.9, attempts=1),
                           event("root", 2.9, 190.4, attempts=3, **code)],
                "interfaces": [event("enp129s0f1np1", 2.1, 2.9, driver="mlx5_core", carrier=2.4, discover=2.2,
                                     lease=2.8, reach=2.88),
                               event("eth1", 2.1, 190, driver="ice", carrier=2.1, discover=2.2, code="MPX-DHCP-01",
                                     problem="eth1: no DHCP offer to 40 DISCOVERs")],
                "downloads": [event("root", 2.9, 190.4, url="http://10.0.0.1/" + "x" * 400, bytes=1234, attempts=9,
                                    first_byte=3.1, **code),
                              event("apkovl", 189.9, url="http://10.0.0.1/a", bytes=0, attempts=1)],
                "mounts": [event("/newroot", 180, 190, what="nfs 10.0.0.1:/srv", code="MPX-NFS-03", problem="refused")],
                "modules": [{"name": "ice", "device": "pci 0000:81:00.0", "queued": 2.0},
                            {"name": "bad", "device": "", "queued": 2.0, "begin": 2.1, "end": 2.2,
                             "problem": "Invalid argument"}]}
    return report(timeline, result="failed", failure={"code": "MPX-FETCH-06", "stage": "root",
                                                      "object": "http://10.0.0.1/x", "text": "stalled " * 40})


def many_modules():
    modules = [{"name": f"snd_soc_module_with_a_long_name_{i}", "device": f"pci 0000:{i:02x}:00.0", "queued": 2 + i / 100,
                "begin": 2.05 + i / 100, "end": 2.05 + i / 100 + (i % 7) / 10} for i in range(200)]
    return report({"written": 6.0, "kernel": {"run_init": 2.0}, "modules": modules})


def tiny_bars():
    return report({"written": 86400.0, "handover": 86400.0,
                   "phases": [event(f"phase{i}", 1 + i / 1000, 1.0005 + i / 1000, attempts=1) for i in range(12)],
                   "mounts": [event(f"/media/{i}", 86399.9, 86399.95, what="sda1") for i in range(8)]})


def hostile():
    names = ["</text><script>alert(1)</script>", "&amp;\"'<!--", "\u202egpj.exe", "\u7f51\u7edc" * 30, "W" * 500,
             "\U0001f600" * 40, "a\nb\tc\x07", "\uffff\ufdfd\u0e49\u0e49\u0e49", "", " " * 60]
    return report({"written": 3.0, "phases": [event(name, i / 4, i / 4 + .2, attempts=1) for i, name in enumerate(names)],
                   "downloads": [event(name, 2.9 - i / 4, 3, url=name, bytes=1, problem=name, code=name)
                                 for i, name in enumerate(names)]},
                  result="failed", failure={"code": "<b>", "stage": "</svg>", "object": "<i>", "text": "</title>"})


REPORTS = {"failure": failure, "many_modules": many_modules, "tiny_bars": tiny_bars, "hostile": hostile,
           "empty": lambda: report({"written": 0.0})}


def text_of(name):
    return json.dumps(REPORTS[name]())
