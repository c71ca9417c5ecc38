using System.Runtime.CompilerServices;
using ILGPU;

// ILGPU emits the code that starts a kernel into an assembly of its own, which names the kernel's parameter types.
[assembly: InternalsVisibleTo(Context.RuntimeAssemblyName)]
