namespace TaH.Engine;

/// <summary>The element type of a stored tensor, as safetensors names it.</summary>
public enum TensorType
{
    /// <summary>bfloat16: the upper half of a float32.</summary>
    Bf16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>IEEE double precision.</summary>
    F64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,
}

internal static class TensorTypes
{
    extension(TensorType type)
    {
        /// <summary>The bytes of one element.</summary>
        public int ByteSize => type switch
        {
            TensorType.F64 or TensorType.I64 => 8,
            TensorType.F32 or TensorType.I32 => 4,
            TensorType.Bf16 or TensorType.F16 or TensorType.I16 => 2,
            _ => 1,
        };

        /// <summary>The name in a safetensors header: BF16, F32, BOOL.</summary>
        public string Label => type.ToString().ToUpperInvariant();

        /// <summary>The types that weights may have.</summary>
        public bool IsWeightType => type is TensorType.Bf16 or TensorType.F16 or TensorType.F32;
    }

    /// <summary>Reads a name of a safetensors header; null where this engine does not know it.</summary>
    public static TensorType? FromLabel(string label) => label switch
    {
        "BF16" => TensorType.Bf16,
        "F16" => TensorType.F16,
        "F32" => TensorType.F32,
        "F64" => TensorType.F64,
        "I64" => TensorType.I64,
        "I32" => TensorType.I32,
        "I16" => TensorType.I16,
        "I8" => TensorType.I8,
        "U8" => TensorType.U8,
        "BOOL" => TensorType.Bool,
        _ => null,
    };

    /// <summary>Reads a weight type as PyTorch names it, with or without <c>torch.</c>; null for any other name.</summary>
    public static TensorType? FromTorchName(string name) => (name.StartsWith("torch.", StringComparison.Ordinal) ? name[6..] : name) switch
    {
        "bfloat16" => TensorType.Bf16,
        "float16" or "half" => TensorType.F16,
        "float32" or "float" => TensorType.F32,
        _ => null,
    };
}
