"""Writes forged bytecode for the grader's modules, which Python would prefer to the source."""
# older kernels: files
# bites: prints in A: {kit}/utils.py: EROFS
# bites: prints in A: {kit}/grading/wire.py: EROFS
# bites: prints in BC: {kit}/utils.py: EACCES
# bites: prints in BC: {kit}/grading/wire.py: EACCES

import errno
import importlib.util
import marshal
import os
import sys

_forged = compile("print('BREACH: forged bytecode')", "forged", "exec")
_header = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
_data = _header + marshal.dumps(_forged)
_kit = os.path.dirname(utils.__file__)
_sources = [getattr(m, "__file__", None) for m in list(sys.modules.values())]
_sources = [s for s in _sources if s and s.endswith(".py")]
_sources.sort(key=lambda source: not source.startswith(_kit))
if os.getuid() != 0:  # as root it would work, and every Python of the machine would be spoilt
    for _source in [*_sources[:400], os.path.abspath("torch.py")]:
        _cached = importlib.util.cache_from_source(_source)
        try:
            os.makedirs(os.path.dirname(_cached), exist_ok=True)
            open(_cached, "wb").write(_data)
            if not _source.startswith(os.getcwd()):
                print("BREACH: wrote", _cached)
        except OSError as error:
            if _source.startswith(_kit):
                print(f"{_source}: {errno.errorcode[error.errno]}")
