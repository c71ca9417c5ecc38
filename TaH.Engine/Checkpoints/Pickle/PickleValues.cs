namespace TaH.Engine;

/// <summary>A name out of a pickle's GLOBAL opcode; only names in <see cref="Allowed"/> are ever made.</summary>
/// <param name="Name">Module and name, joined by a dot.</param>
internal sealed record PickleGlobal(string Name)
{
    public const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    public const string OrderedDict = "collections.OrderedDict";

    private static readonly Dictionary<string, TensorType> Storages = new(StringComparer.Ordinal)
    {
        ["torch.FloatStorage"] = TensorType.F32,
        ["torch.HalfStorage"] = TensorType.F16,
        ["torch.BFloat16Storage"] = TensorType.Bf16,
    };

    private static readonly HashSet<string> Allowed =
        [RebuildTensor, OrderedDict, "torch.float32", "torch.float16", "torch.bfloat16", .. Storages.Keys];

    /// <summary>The element type, where the name is that of a storage class.</summary>
    public TensorType? StorageType => Storages.TryGetValue(Name, out var type) ? type : null;

    /// <summary>Whether a pickle may name it.</summary>
    public static bool IsAllowed(string name) => Allowed.Contains(name);
}

/// <summary>A Python tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>The numbers of a tensor, in an entry of the archive.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Key">The name of the entry under <c>data/</c>.</param>
/// <param name="ElementCount">How many elements the pickle says it has.</param>
internal sealed record TorchStorage(TensorType Type, string Key, long ElementCount);

/// <summary>A tensor: a strided view of a storage.</summary>
/// <param name="Storage">Where the elements are.</param>
/// <param name="Offset">The storage element of index 0, 0, ...</param>
/// <param name="Shape">The sizes.</param>
/// <param name="Strides">The distance in elements between neighbours along each dimension.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);
