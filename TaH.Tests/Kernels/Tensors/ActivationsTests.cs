namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class ActivationsTests(TestDevices devices)
{
    [Fact]
    public void Are_read_as_they_were_filled_and_no_other_way()
    {
        using var activations = new Activations(devices.OpenOrSkip(DeviceKind.Cpu), rows: 3, width: 5, ElementType.Bf16);
        Assert.Equal(15, activations.FillBfloat16().Length);
        Assert.Equal((ElementType.Bf16, 15), (activations.Type, activations.Bfloat16.Length));
        Assert.Throws<InvalidOperationException>(() => activations.Singles);
        Assert.Equal(15, activations.FillSingles().Length);
        Assert.Equal((ElementType.F32, 15), (activations.Type, activations.Singles.Length));
        Assert.Throws<InvalidOperationException>(() => activations.Bfloat16);
    }

    [Theory, InlineData(ElementType.F32), InlineData(ElementType.F16)]
    public void Are_bf16_only_where_the_weight_is(ElementType reader)
    {
        using var activations = new Activations(devices.OpenOrSkip(DeviceKind.Cpu), rows: 1, width: 1, reader);
        Assert.Throws<InvalidOperationException>(() => activations.FillBfloat16());
        Assert.Equal(ElementType.F32, activations.Type);
    }
}
