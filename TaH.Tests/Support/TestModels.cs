namespace TaH.Tests;

/// <summary>Loads the golden models on the kinds of device that this machine has.</summary>
internal static class TestModels
{
    public static TahModel LoadOrSkip(this TestDevices devices, string directory, DeviceKind kind) =>
        TahModel.Load(directory, devices.OpenOrSkip(kind));

    /// <summary>The answers to some prompts as one batch.</summary>
    public static Completion[] Answer(this Session session, params GenerationRequest[] requests)
    {
        var completions = new Completion[requests.Length];
        foreach (var (request, completion, _) in session.StreamAll(requests)) completions[request] = completion;
        return completions;
    }
}
