"""How each kind of step is carried out: one file each, which registers itself in `labcore.compress.apply_step`.

Every file here is imported with this package, so a new one needs no line elsewhere.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
