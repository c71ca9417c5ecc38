using System.Net;
using System.Net.Sockets;

namespace TaH.Tests;

/// <summary>Ranks as threads, with connections between them.</summary>
public class RankLinkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Sums_have_the_bits_of_the_order_of_ranks_everywhere()
    {
        const int World = 3, Length = 1001;
        float[][] values = [.. Enumerable.Range(0, World).Select(rank => RandomData.Uniform(rank + 1, Length))];
        float[] expected = [.. Enumerable.Range(0, Length).Select(i => values[0][i] + values[1][i] + values[2][i])];
        var port = FreePort.Find();
        Assert.All(Ranks.Run(World, rank =>
        {
            using var links = Join(new RankPlace(rank, World, MasterPort: port));
            var sum = new LinkedSum(links);
            double[] numbers = [rank + 1, 0.5];
            sum.Run<double>(numbers);
            sum.Run<float>(values[rank]);
            return numbers;
        }), numbers => Assert.Equal([6, 1.5], numbers));
        Assert.All(values, sums => Assert.Equal(expected, sums));
    }

    [Fact]
    public void Who_leaves_ends_the_run_of_the_others_with_one_sentence()
    {
        var port = FreePort.Find();
        var sentences = Ranks.Run(3, rank =>
        {
            using var links = Join(new RankPlace(rank, 3, MasterPort: port));
            if (rank == 2) return string.Empty;
            return Assert.Throws<DistributedException>(() => new LinkedSum(links).Run<double>([1])).Message;
        });
        Assert.Equal("rank 2 has left the run; what it wrote last says why", sentences[0]);
        Assert.Equal("rank 0 has left the run; what it wrote last says why", sentences[1]);
    }

    [Fact]
    public void A_look_finds_who_has_left_but_not_who_only_speaks()
    {
        var port = FreePort.Find();
        using var spoken = new ManualResetEventSlim();
        Ranks.Run(2, rank =>
        {
            using var links = Join(new RankPlace(rank, 2, MasterPort: port));
            if (rank == 1)
            {
                links.Send<long>(0, [1]);
                spoken.Set();
                return 0;
            }
            Assert.True(spoken.Wait(Patience));
            long[] said = [0];
            links.Receive<long>(1, said);
            Assert.True(SpinWait.SpinUntil(() => IsGone(links), Patience));
            return 0;
        });
    }

    [Theory]
    [InlineData(3, 1, DeviceKind.Cpu, "rank 1 was started with a WORLD_SIZE of 3, rank 0 with 2")]
    [InlineData(2, 0, DeviceKind.Cpu, null)] // two that listen: the second finds the port taken
    [InlineData(2, 1, DeviceKind.Cuda, "rank 1 computes on a CUDA card, rank 0 on a CPU; --device makes them one kind")]
    public void What_does_not_fit_is_said_by_both(int world, int rank, DeviceKind device, string? sentence)
    {
        var port = FreePort.Find();
        var sentences = Ranks.Run(2, number =>
        {
            var place = number == 0 ? new RankPlace(0, 2, MasterPort: port) : new RankPlace(rank, world, MasterPort: port);
            var failure = Record.Exception(() =>
            {
                using var links = RankMeeting.Join(place, number == 0 ? DeviceKind.Cpu : device, TimeSpan.FromSeconds(sentence is null ? 0.5 : 20));
            });
            return failure?.Message ?? "none";
        });
        if (sentence is not null) Assert.All(sentences, said => Assert.Equal(sentence, said));
        else Assert.Contains(sentences, said => said.StartsWith($"rank 0 cannot listen at port {port}: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Rank_0_says_who_did_not_come_and_lets_go_those_who_did()
    {
        var port = FreePort.Find();
        var sentences = Ranks.Run(2, rank => Record.Exception(() =>
        {
            using var links = RankMeeting.Join(new RankPlace(rank, 4, MasterPort: port), DeviceKind.Cpu, TimeSpan.FromSeconds(rank == 0 ? 1 : 20));
        })!.Message);
        Assert.All(sentences, said => Assert.Equal($"rank 0 waited 1 s at port {port}, and these ranks did not come: 2, 3", said));
    }

    [Fact]
    public void A_stranger_at_the_door_is_not_let_in()
    {
        var port = FreePort.Find();
        Ranks.Run(3, number =>
        {
            if (number == 2)
            {
                using var stranger = new TcpClient();
                Assert.True(SpinWait.SpinUntil(() => Record.Exception(() => stranger.Connect(IPAddress.Loopback, port)) is null, Patience));
                stranger.GetStream().Write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8);
                return 0;
            }
            if (number == 1) Thread.Sleep(300); // the stranger comes first
            using var links = Join(new RankPlace(number, 2, MasterPort: port));
            double[] sum = [1];
            new LinkedSum(links).Run<double>(sum);
            Assert.Equal(2, sum[0]);
            return 0;
        });
    }

    private static bool IsGone(RankLinks links) => Record.Exception(links.Look) is DistributedException;

    private static RankLinks Join(RankPlace place) => RankMeeting.Join(place, DeviceKind.Cpu, Patience);
}
