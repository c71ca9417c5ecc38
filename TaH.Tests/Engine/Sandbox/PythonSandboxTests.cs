using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace TaH.Tests;

/// <summary>Programs that mean harm, and what they do not reach.</summary>
public sealed class PythonSandboxTests : IDisposable
{
    private static readonly SandboxLimits Short = new() { WallTime = TimeSpan.FromSeconds(4), CpuSeconds = 3, MemoryBytes = 256 << 20 };

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void A_program_runs_and_says_how_it_ended()
    {
        var outcome = Run("import sys\nprint('ä', 6 * 7)\nprint('no', file=sys.stderr)\nsys.exit(3)");
        Assert.Equal((SandboxEnd.Exited, 3, "ä 42\n", "no\n"), (outcome.End, outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.Contains("ZeroDivisionError", Run("1 / 0").Error);
    }

    [Fact]
    public void Files_of_the_machine_are_not_there()
    {
        var secret = _directory.At("secret.txt");
        File.WriteAllText(secret, "the secret");
        foreach (var path in (string[])[secret, "/etc/passwd", "/root/.bashrc", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "/proc/1/root/etc/passwd"])
            Assert.Matches("FileNotFoundError|PermissionError|NotADirectoryError", Run($"import os\nprint(os.listdir('{path}') if os.path.isdir('{path}') else open('{path}').read())").Error);
        Assert.DoesNotContain("the secret", Run($"import os\nos.symlink('{secret}', '/tmp/link')\nprint(open('/tmp/link').read())").Output);
        Assert.Equal("tmp, proc, usr\n", Run("import os\nprint(', '.join(n for n in ('etc', 'home', 'root', 'tmp', 'proc', 'usr', 'var') if os.path.exists('/' + n)))").Output);
    }

    [Fact]
    public void Nothing_is_written_outside()
    {
        Assert.Matches("Read-only file system|PermissionError", Run("open('/usr/lib/x', 'w')").Error);
        Assert.Contains("Error", Run($"open('{_directory.At("x")}', 'w')").Error);
        Assert.False(File.Exists(_directory.At("x")));
        Assert.Contains("Read-only file system", Run("open('/x', 'w')").Error);
        Assert.Contains("Read-only file system", Run("open('/dev/x', 'w')").Error);
        Assert.Matches("No space left|MemoryError|OSError", Run("f = open('/dev/shm/big', 'wb')\nwhile True: f.write(b'x' * (1 << 20)); f.flush()").Error);
        Assert.NotEqual("0\n", Run("import ctypes\nprint(ctypes.CDLL(None).unshare(0x10020000))").Output);
        // What it writes to its own /tmp, the next one does not find.
        Assert.Equal("1\n", Run("open('/tmp/mine', 'w').write('x')\nprint(1)").Output);
        Assert.Equal("[]\n", Run("import os\nprint(os.listdir('/tmp'))").Output);
        Assert.Matches("File too large|No space left|MemoryError|OSError", Run("f = open('/tmp/big', 'wb')\nwhile True: f.write(b'x' * (1 << 20))").Error);
    }

    [Fact]
    public void There_is_no_network()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.Contains("Error", Run($"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)\nprint('in')").Error);
        Assert.False(listener.Pending());
    }

    [Fact]
    public void Other_processes_cannot_be_seen_or_ended()
    {
        Assert.Equal("ProcessLookupError\n", Run($"import os\ntry: os.kill({Environment.ProcessId}, 9)\nexcept OSError as e: print(type(e).__name__)").Output);
        Assert.DoesNotContain("dotnet", Run("import os\nfor p in os.listdir('/proc'):\n  if p.isdigit(): print(open(f'/proc/{p}/cmdline').read())").Output);
        // To end its own parent ends the sandbox, and nothing else.
        Run("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)");
        Assert.Equal("1\n", Run("print(1)").Output);
    }

    [Fact]
    public void Time_memory_processes_and_output_are_bounded()
    {
        Assert.Contains(Run("while True: pass").End, (SandboxEnd[])[SandboxEnd.TimedOut, SandboxEnd.Exited]);
        Assert.Equal(SandboxEnd.TimedOut, Run("import time\ntime.sleep(60)").End);
        Assert.Contains("MemoryError", Run("x = []\nwhile True: x.append(bytearray(1 << 24))").Error);
        var endless = Run("while True: print('x' * 1000)");
        Assert.Equal((SandboxEnd.OutputFull, Short.OutputCharacters), (endless.End, endless.Output.Length));
        var clock = Stopwatch.StartNew();
        var bomb = Run("import os\nn = 0\ntry:\n  while True:\n    if os.fork() == 0:\n      while True: os.fork()\n    n += 1\nexcept OSError as e: print('stopped', n)");
        Assert.True(bomb.End == SandboxEnd.TimedOut || bomb.Output.StartsWith("stopped", StringComparison.Ordinal), bomb.Error);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Nothing_stays_behind()
    {
        var name = $"left_{Guid.NewGuid():N}";
        Run($"import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n    open('/proc/self/comm', 'w').write('{name[..14]}')\n    time.sleep(600)\n  os._exit(0)\nprint(1)");
        Thread.Sleep(300);
        Assert.DoesNotContain(Process.GetProcesses(), process => process.ProcessName.Contains(name[..14], StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    private static SandboxOutcome Run(string source) => SandboxScene.OrSkip().Run(source, Short, TestContext.Current.CancellationToken);
}
