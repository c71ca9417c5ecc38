namespace TaH.Kernels;

/// <summary>How the elements of a weight or of a KV entry are stored. Every kernel computes in f32.</summary>
public enum ElementType
{
    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>IEEE half precision, held as <c>ushort</c>.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a single, held as <c>ushort</c>.</summary>
    Bf16,
}
