namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class KvTypeTests(TestDevices devices)
{
    public static TheoryData<DeviceKind> Kinds() => [.. Enum.GetValues<DeviceKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Is_that_of_16_bit_weights_on_a_GPU_and_f32_elsewhere(DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, kind); // of bf16 weights
        var expected = model.Device.Info.IsGpu ? ElementType.Bf16 : ElementType.F32;
        using var session = model.OpenSession();
        Assert.Equal(expected, session.Grid.Shape.Type);
        Assert.Equal(expected, model.KvTypeFor(null));
        foreach (var asked in Enum.GetValues<ElementType>()) Assert.Equal(asked, model.KvTypeFor(asked));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Is_f32_with_f32_weights(DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint("a_tied"), kind);
        Assert.Equal(ElementType.F32, model.KvTypeFor(null));
    }
}
