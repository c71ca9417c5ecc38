namespace TaH.Tests;

public sealed class KernelFilesTests : IDisposable
{
    private static readonly KernelKey Key = new("a card\n", "a kernel\n");

    private readonly TemporaryDirectory _cache = new();

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void What_is_written_is_read()
    {
        var text = new KernelText(".entry κ\n", 48, HasDynamicSharedMemory: true);
        Files().Write(Key, text);
        Assert.True(Files().TryRead(Key, out var read));
        Assert.Equal(text, read);
    }

    [Fact]
    public void Another_device_or_kernel_is_another_file()
    {
        Files().Write(Key, Text(1));
        Assert.False(Files().TryRead(Key with { Device = "another card\n" }, out _));
        Assert.False(Files().TryRead(Key with { Kernel = "another kernel\n" }, out _));
        Assert.False(Files().TryRead(new KernelKey("a card\na ", "kernel\n"), out _));
    }

    /// <summary>Every reader of a file that many write to sees one of their texts whole, and no unfinished file stays.</summary>
    [Fact]
    public async Task Many_writers_and_readers_at_a_time_never_see_half_a_file()
    {
        Files().Write(Key, Text(0));
        var work = Enumerable.Range(1, 8).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                Files().Write(Key, Text(writer));
                Assert.True(Files().TryRead(Key, out var read));
                Assert.Equal(Text(read.SharedBytes), read);
            }
        }));
        await Task.WhenAll(work);
        Assert.Single(Directory.EnumerateFiles(_cache.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_new_build_removes_builds_that_nobody_added_to_for_long()
    {
        Files().Write(Key, Text(1));
        var old = Path.GetDirectoryName(Files().PathOf(Key))!;
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-89));
        Files().Write(Key with { Device = "second\n" }, Text(2));
        Assert.True(Directory.Exists(old));
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-91));
        Files().Write(Key with { Device = "third\n" }, Text(3));
        Assert.False(Directory.Exists(old));
        Assert.True(Files().TryRead(Key with { Device = "second\n" }, out _));
    }

    [Theory]
    [InlineData("/given", "/xdg", "/given")]
    [InlineData(null, "/xdg", "/xdg/tah")]
    [InlineData("", "/xdg", "/xdg/tah")]
    [InlineData(null, "relative", "/home/me/.cache/tah")]
    [InlineData(null, null, "/home/me/.cache/tah")]
    [InlineData("off", "/xdg", null)]
    public void The_directory_is_the_one_that_is_named_or_that_of_the_system(string? own, string? shared, string? expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the paths are those of Linux");
        Assert.Equal(expected, CacheDirectory.Find(name => name == "TAH_CACHE" ? own : shared, "/home/me"));
    }

    private KernelFiles Files() => new(_cache.Path, Assert.Fail);

    // Long enough that writing takes several calls of the operating system.
    private static KernelText Text(int writer) => new(new string((char)('a' + writer), 300_000), writer, HasDynamicSharedMemory: false);
}
