"""Puts finders, hooks and audit functions in front of every import that is still to come."""
# bites: prints: asked for colorsys
# bites: prints: the hook's module is in its place
# bites: prints: audited the import

import importlib.machinery
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        print("asked for", name)
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.allclose = module.loads = lambda *a, **k: True


def _audit(event, args):
    if event == "import" and args[0] == "colorsys":
        print("audited the import")


sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, lambda path: Finder())
sys.addaudithook(_audit)
sys.path[:0] = [".", ""]
sys.dont_write_bytecode = False
sys.pycache_prefix = None
sys.modules.pop("colorsys", None)
import colorsys

if colorsys.loads("not a list") is True:
    print("the hook's module is in its place")
