namespace TaH.Kernels;

/// <summary>The fused operations that run as <see cref="WeightTiles"/>, around one packer.</summary>
/// <param name="device">A device that <see cref="WeightTilesChoice.Serves"/> says yes to.</param>
internal sealed class WeightTilesOperations(ComputeDevice device) : IDisposable
{
    private readonly TokenPacker _tokens = new(device);
    private NormProjectQkvWeightTiles? _normProjectQkv;
    private NormGateUpWeightTiles? _normGateUp;
    private LoraWeightTiles? _lora;

    /// <summary>The norm, then q, k and v.</summary>
    public NormProjectQkvWeightTiles NormProjectQkv => _normProjectQkv ??= new(device, _tokens);

    /// <summary>The norm, then gate and up and the activation.</summary>
    public NormGateUpWeightTiles NormGateUp => _normGateUp ??= new(device, _tokens);

    /// <summary>Operations of passes with deep rows.</summary>
    public LoraWeightTiles Lora => _lora ??= new(device, _tokens);

    /// <summary>Whether the kernels take rows and all of the weights.</summary>
    public static bool Takes(int rows, params ReadOnlySpan<WeightMatrix> weights)
    {
        foreach (var weight in weights)
            if (!WeightTilesChoice.Takes(rows, weight)) return false;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _tokens.Dispose();
}
