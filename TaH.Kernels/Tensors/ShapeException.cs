namespace TaH.Kernels;

/// <summary>A buffer does not have the size that an operation's shape says: a mistake of the caller, found before anything is launched.</summary>
/// <param name="name">The parameter at fault.</param>
/// <param name="actual">Elements that it has.</param>
/// <param name="expected">Elements that the shape asks for.</param>
public sealed class ShapeException(string name, long actual, long expected)
    : ArgumentException($"{name} has {actual:N0} elements where the shape asks for {expected:N0}", name)
{
    /// <summary>Throws unless a view holds at least the elements that the shape asks for.</summary>
    internal static void ThrowIfShorter<T>(ILGPU.ArrayView<T> view, long expected, string name) where T : unmanaged
    {
        if (view.Length < expected) throw new ShapeException(name, view.Length, expected);
    }

    /// <summary>Throws unless a thing has exactly the elements that the shape asks for.</summary>
    internal static void ThrowIfDifferent(long actual, long expected, string name)
    {
        if (actual != expected) throw new ShapeException(name, actual, expected);
    }
}
