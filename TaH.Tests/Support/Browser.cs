using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>Opens pages in headless Chromium; tests skip where there is none.</summary>
internal static partial class Browser
{
    private static readonly string? Chromium = new[] { "chromium", "chromium-browser", "google-chrome" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>The document of a page after its scripts have run, without them, and what they wrote to the console.</summary>
    public static (string Document, string Console) Open(string page)
    {
        Assert.SkipWhen(Chromium is null, "no chromium on this machine");
        using var profile = new TemporaryDirectory();
        var start = new ProcessStartInfo(Chromium!,
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr", "--virtual-time-budget=2000",
            $"--user-data-dir={profile.At("profile")}", "--dump-dom", new Uri(page).AbsoluteUri,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var document = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (Script().Replace(document, ""), string.Join('\n', ConsoleLine().Matches(error.Result).Select(match => match.Value)));
    }

    [GeneratedRegex(@"^.*CONSOLE.*$", RegexOptions.Multiline)]
    private static partial Regex ConsoleLine();

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Script();
}
