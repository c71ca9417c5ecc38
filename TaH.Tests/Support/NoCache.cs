using System.Runtime.CompilerServices;

namespace TaH.Tests;

/// <summary>Tests neither read nor write the user's cache, unless <c>TAH_CACHE</c> says so.</summary>
internal static class NoCache
{
#pragma warning disable CA2255 // A module initializer: before any test opens a device.
    [ModuleInitializer]
    internal static void Install()
    {
        if (Environment.GetEnvironmentVariable("TAH_CACHE") is null) Environment.SetEnvironmentVariable("TAH_CACHE", CacheDirectory.Off);
    }
#pragma warning restore CA2255
}
