namespace TaH.Tests;

/// <summary>The sandbox of this machine; tests skip where there is none.</summary>
internal static class SandboxScene
{
    private static readonly Lazy<(PythonSandbox? Sandbox, string Reason)> Found = new(() =>
    {
        try
        {
            return (PythonSandbox.Find(), "");
        }
        catch (UsageException error)
        {
            return (null, error.Message);
        }
    });

    /// <summary>The sandbox.</summary>
    public static PythonSandbox OrSkip()
    {
        Assert.SkipWhen(Found.Value.Sandbox is null, Found.Value.Reason);
        return Found.Value.Sandbox!;
    }
}
