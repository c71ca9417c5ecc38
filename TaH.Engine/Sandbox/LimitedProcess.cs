using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace TaH.Engine;

/// <summary>A process that is ended when its time is up or its output too long, with all that it started.</summary>
internal static class LimitedProcess
{
    /// <summary>Runs a command.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="input">What it reads on standard input.</param>
    /// <param name="limits">Its time and its output.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static SandboxOutcome Run(string[] command, string input, SandboxLimits limits, CancellationToken cancellation)
    {
        using var process = Start(command);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(limits.WallTime);
        var (output, error) = (new BoundedText(limits.OutputCharacters), new BoundedText(limits.OutputCharacters));
        var ended = Task.WhenAll(
            Feed(process.StandardInput, input), Read(process.StandardOutput, output, stop), Read(process.StandardError, error, stop),
            process.WaitForExitAsync(CancellationToken.None));
        using (stop.Token.Register(() => process.Kill(entireProcessTree: true))) ended.GetAwaiter().GetResult();
        cancellation.ThrowIfCancellationRequested();
        var end = output.IsFull || error.IsFull ? SandboxEnd.OutputFull : stop.IsCancellationRequested ? SandboxEnd.TimedOut : SandboxEnd.Exited;
        return new SandboxOutcome(end, end == SandboxEnd.Exited ? process.ExitCode : -1, output.ToString(), error.ToString());
    }

    private static Process Start(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new UsageException($"{command[0]} cannot be started: {error.Message.TrimEnd('.')}");
        }
    }

    private static async Task Feed(StreamWriter writer, string input)
    {
        try
        {
            await writer.WriteAsync(input).ConfigureAwait(false);
            writer.Close();
        }
        catch (IOException)
        {
            // The program ended before it had read everything; its exit code says why.
        }
    }

    private static async Task Read(StreamReader reader, BoundedText text, CancellationTokenSource stop)
    {
        var buffer = new char[1 << 14];
        while (await reader.ReadAsync(buffer).ConfigureAwait(false) is var count and > 0)
        {
            if (text.Add(buffer.AsSpan(0, count))) continue;
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private sealed class BoundedText(int most)
    {
        private readonly StringBuilder _text = new();

        public bool IsFull { get; private set; }

        /// <summary>Adds what there is room for.</summary>
        /// <returns>Whether there was room for all of it.</returns>
        public bool Add(ReadOnlySpan<char> part)
        {
            var room = most - _text.Length;
            _text.Append(part[..Math.Min(room, part.Length)]);
            IsFull |= part.Length > room;
            return !IsFull;
        }

        public override string ToString() => _text.ToString();
    }
}
