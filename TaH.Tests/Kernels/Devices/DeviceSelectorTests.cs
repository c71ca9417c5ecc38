namespace TaH.Tests;

public class DeviceSelectorTests
{
    [Theory]
    [InlineData("auto", null, 0)]
    [InlineData("cpu", DeviceKind.Cpu, 0)]
    [InlineData("CPU", DeviceKind.Cpu, 0)]
    [InlineData("opencl", DeviceKind.OpenCl, 0)]
    [InlineData("opencl:2", DeviceKind.OpenCl, 2)]
    [InlineData("cuda:1", DeviceKind.Cuda, 1)]
    public void Reads_what_the_help_says(string text, DeviceKind? kind, int index)
    {
        Assert.True(DeviceSelector.TryParse(text, out var selector));
        Assert.Equal(new DeviceSelector(kind, index), selector);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("cuda:99999999999")]
    [InlineData("auto:1")]
    [InlineData("cpu:1")]
    [InlineData(" cpu")]
    public void Refuses_anything_else(string text) => Assert.False(DeviceSelector.TryParse(text, out _));

    [Fact]
    public void A_device_that_is_not_there_is_an_error_that_says_what_is()
    {
        var failure = Assert.Throws<DeviceNotFoundException>(() => DeviceCatalog.Open(new DeviceSelector(DeviceKind.Cuda, 999)));
        Assert.StartsWith("device cuda:999 is not there; found: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("cpu (", failure.Message, StringComparison.Ordinal);
    }
}
