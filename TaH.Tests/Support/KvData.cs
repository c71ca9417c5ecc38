using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>Writes and reads whole layers of a KV cache as f32.</summary>
internal static class KvData
{
    /// <summary>The values as the type stores them, widened again.</summary>
    public static float[] Rounded(ElementType type, float[] values) => [.. values.Select(value => Widen(type, Narrow(type, value)))];

    public static void Fill(this KvLayer layer, ElementType type, float[] keys, float[] values)
    {
        if (type == ElementType.F32)
        {
            layer.SingleKeys.CopyFromCPU(keys);
            layer.SingleValues.CopyFromCPU(values);
        }
        else
        {
            layer.HalfKeys.CopyFromCPU([.. keys.Select(key => (ushort)Narrow(type, key))]);
            layer.HalfValues.CopyFromCPU([.. values.Select(value => (ushort)Narrow(type, value))]);
        }
    }

    public static (float[] Keys, float[] Values) Read(this KvLayer layer)
    {
        if (layer.Shape.Type == ElementType.F32) return (Array(layer.SingleKeys), Array(layer.SingleValues));
        var type = layer.Shape.Type;
        return ([.. Array(layer.HalfKeys).Select(bits => Widen(type, bits))], [.. Array(layer.HalfValues).Select(bits => Widen(type, bits))]);
    }

    private static T[] Array<T>(ILGPU.ArrayView<T> view) where T : unmanaged
    {
        var values = new T[view.Length];
        view.CopyToCPU(values);
        return values;
    }

    private static uint Narrow(ElementType type, float value) => type switch
    {
        ElementType.F32 => BitConverter.SingleToUInt32Bits(value),
        ElementType.F16 => BitConverter.HalfToUInt16Bits((Half)value),
        _ => default(Bfloat16Format).Narrow(value),
    };

    private static float Widen(ElementType type, uint bits) => type switch
    {
        ElementType.F32 => BitConverter.UInt32BitsToSingle(bits),
        ElementType.F16 => (float)BitConverter.UInt16BitsToHalf((ushort)bits),
        _ => BitConverter.UInt32BitsToSingle(bits << 16),
    };
}
