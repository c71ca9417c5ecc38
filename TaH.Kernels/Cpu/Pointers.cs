using System.Runtime.CompilerServices;
using ILGPU;

namespace TaH.Kernels;

/// <summary>Addresses of views in host memory, for SIMD kernels.</summary>
internal static unsafe class Pointers
{
    /// <summary>The address of a view's first element; null for an empty view. The view must belong to the CPU accelerator.</summary>
    public static T* Of<T>(ArrayView<T> view) where T : unmanaged => view.Length == 0 ? null : (T*)Unsafe.AsPointer(ref view[0]);
}
