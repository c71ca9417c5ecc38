namespace TaH.Tests;

/// <summary>A decider of a batch on tensor cores is the one of portable kernels, up to sixteen bits a number.</summary>
[Collection(DeviceCollection.Name)]
public class DeciderBatchTests(TestDevices devices)
{
    private const int Hidden = 64;
    private const int TopK = 100; // no whole slices
    private const int KeptTopK = 128;

    [Theory, InlineData(9), InlineData(40), InlineData(128), InlineData(130), InlineData(300)]
    public void Equals_the_portable_kernels(int rows)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        var config = new DeciderConfig { HiddenSize = Hidden, HiddenLayers = [1, 2, 3], HiddenDims = [.. Enumerable.Repeat(128, 4)] };
        var tensors = DeciderTensors.Of(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        using var weights = new GoldenDeciderWeights(device, name => tensors.TryGetValue(name, out var dimensions)
            ? (RandomData.Uniform(name.Length, dimensions.Aggregate(1, (a, b) => a * b), 2 / MathF.Sqrt(dimensions[^1])), [.. dimensions])
            : null);
        var model = weights.Model(TopK, normalizeInput: false);
        FloatBuffer[] states = [.. config.HiddenLayers.Select(layer => device.Copy(RandomData.Uniform(seed: layer, (rows + 1) * Hidden)))];
        Floats[] hidden = [.. states.Select(state => (Floats)state.View)];
        // Not the rows of the same number, and not their slots.
        using IntBuffer rowOf = device.Copy([.. Enumerable.Range(0, rows).Select(row => rows - row)]);
        using IntBuffer slotOf = device.Copy([.. Enumerable.Range(0, rows + 1).Select(row => (row + 3) % (rows + 1))]);
        using var topValues = device.Copy(
            RandomData.Uniform(seed: 60, (rows + 1) * KeptTopK, scale: 6).Chunk(KeptTopK).SelectMany(slot => slot.OrderDescending()).ToArray());
        Assert.True(DeciderBatch.Takes(model, 3 * Hidden, hidden));
        using var portable = new DeciderMlp(device, model, maxRows: rows, DeciderVariant.Portable);
        using var batch = new DeciderMlp(device, model, maxRows: rows, DeciderVariant.CudaResident);
        using Poisoned wanted = new(device, rows), made = new(device, rows);
        portable.Run(hidden, rowOf.View, slotOf.View, topValues.View, KeptTopK, rows, wanted.View);
        batch.Run(hidden, rowOf.View, slotOf.View, topValues.View, KeptTopK, rows, made.View);
        device.Synchronize();
        float[] expected = wanted.Read(), actual = made.Read();
        // Both operands of eleven layers are off by up to 2^-17 of themselves, at random; the last norm brings what comes of it to one.
        Near.Absolute([.. expected.Select(value => (double)value)], actual, 11 * Math.Pow(2, -15) * Math.Max(1, expected.Max(Math.Abs)));
        foreach (var state in states) state.Dispose();
    }
}
