"""Puts finders, hooks and audit functions in front of every import that is still to come."""
# bites: prints: asked for plistlib
# bites: prints: the hook's module is in its place
# bites: prints: audited an import

import sys
import types


class Finder:
    def find_spec(self, name, path=None, target=None):
        print("asked for", name)
        module = types.ModuleType(name)
        module.allclose = module.loads = lambda *a, **k: True
        sys.modules[name] = module
        return None


def _audit(event, args):
    if event == "import" and args[0] == "plistlib":
        print("audited an import")


sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, lambda path: Finder())
sys.addaudithook(_audit)
sys.path[:0] = [".", ""]
sys.dont_write_bytecode = False
sys.pycache_prefix = None
sys.modules.pop("plistlib", None)
try:
    import plistlib
except ImportError:
    plistlib = sys.modules["plistlib"]
if plistlib.loads("not a list") is True:
    print("the hook's module is in its place")
