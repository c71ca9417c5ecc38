using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace TaH.Engine;

/// <summary>How ranks find each other: rank 0 listens, the others come to it, and it welcomes them when all are there.</summary>
internal static class RankMeeting
{
    private const int Backlog = 512;

    /// <summary>How long ranks wait for each other at the beginning, as in torch.</summary>
    public static readonly TimeSpan UsualPatience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan GreetingPatience = TimeSpan.FromSeconds(10);

    /// <summary>Meets the other ranks.</summary>
    /// <param name="place">Which this is.</param>
    /// <param name="device">What it computes on; the same kind everywhere.</param>
    /// <param name="patience">How long they are waited for.</param>
    /// <exception cref="DistributedException">They do not come.</exception>
    /// <exception cref="UsageException">They contradict each other; all throw the same sentence.</exception>
    public static RankLinks Join(RankPlace place, DeviceKind device, TimeSpan patience)
    {
        var peers = new Socket?[place.WorldSize];
        try
        {
            if (place is { Rank: 0, WorldSize: > 1 }) Host(place, device, peers, patience);
            if (place.Rank > 0) peers[0] = Visit(place, device, patience);
            return new RankLinks(place, peers);
        }
        catch
        {
            foreach (var peer in peers) peer?.Dispose();
            throw;
        }
    }

    private static void Host(RankPlace place, DeviceKind device, Socket?[] peers, TimeSpan patience)
    {
        using var door = Listen(place);
        var clock = Stopwatch.StartNew();
        while (peers.Skip(1).Any(peer => peer is null))
        {
            if (!door.Poll(Pause, SelectMode.SelectRead))
            {
                if (clock.Elapsed < patience) continue;
                var missing = string.Join(", ", Enumerable.Range(1, peers.Length - 1).Where(rank => peers[rank] is null));
                throw Refuse(peers, new DistributedException($"rank 0 waited {patience.TotalSeconds:N0} s at port {place.MasterPort}, and these ranks did not come: {missing}"));
            }
            var guest = Prepare(door.Accept());
            guest.ReceiveTimeout = (int)GreetingPatience.TotalMilliseconds;
            if (RankGreeting.Receive(guest) is not { } greeting)
            {
                guest.Dispose();
                continue;
            }
            guest.ReceiveTimeout = 0;
            if (Objection(greeting, place, device, peers) is { } objection)
            {
                using (guest) RankGreeting.Answer(guest, objection);
                throw Refuse(peers, new UsageException(objection));
            }
            peers[greeting.Rank] = guest;
        }
        foreach (var peer in peers) if (peer is not null) RankGreeting.Answer(peer, string.Empty);
    }

    private static Socket Listen(RankPlace place)
    {
        var isLocal = IPAddress.TryParse(place.MasterAddress, out var address) ? IPAddress.IsLoopback(address) : place.MasterAddress == "localhost";
        var family = isLocal || !Socket.OSSupportsIPv6 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var door = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (family == AddressFamily.InterNetworkV6) door.DualMode = true;
            door.Bind(new IPEndPoint(isLocal ? IPAddress.Loopback : family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, place.MasterPort));
            door.Listen(Backlog);
            return door;
        }
        catch (SocketException refused)
        {
            door.Dispose();
            throw new DistributedException($"rank 0 cannot listen at port {place.MasterPort}: {refused.Message.TrimEnd('.')}; give another MASTER_PORT to all ranks");
        }
    }

    private static Socket Visit(RankPlace place, DeviceKind device, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var socket = Prepare(new Socket(SocketType.Stream, ProtocolType.Tcp));
            try
            {
                socket.Connect(place.MasterAddress, place.MasterPort);
                socket.ReceiveTimeout = (int)(patience + GreetingPatience).TotalMilliseconds;
                var answer = RankGreeting.Of(place, device).TrySend(socket) ? RankGreeting.ReceiveAnswer(socket) : null;
                if (answer is { Length: > 0 }) throw new UsageException(answer);
                if (answer is null) throw new DistributedException($"what listens at {place.MasterAddress}:{place.MasterPort} is no rank 0 of this run, or it has ended");
                socket.ReceiveTimeout = 0;
                return socket;
            }
            catch (SocketException failed)
            {
                socket.Dispose();
                if (clock.Elapsed >= patience)
                    throw new DistributedException(
                        $"rank {place.Rank} did not reach rank 0 at {place.MasterAddress}:{place.MasterPort} in {patience.TotalSeconds:N0} s: {failed.Message.TrimEnd('.')}");
                Thread.Sleep(Pause); // rank 0 may not listen yet
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private static string? Objection(RankGreeting greeting, RankPlace place, DeviceKind device, Socket?[] peers)
    {
        if (greeting.WorldSize != place.WorldSize)
            return $"rank {greeting.Rank} was started with a WORLD_SIZE of {greeting.WorldSize}, rank 0 with {place.WorldSize}";
        if (greeting.Rank <= 0 || greeting.Rank >= place.WorldSize || peers[greeting.Rank] is not null) return $"two processes were started as rank {greeting.Rank}";
        return greeting.Device == device ? null : $"rank {greeting.Rank} computes on {Name(greeting.Device)}, rank 0 on {Name(device)}; --device makes them one kind";
    }

    private static string Name(DeviceKind device) => device switch { DeviceKind.Cpu => "a CPU", DeviceKind.OpenCl => "an OpenCL device", _ => "a CUDA card" };

    private static Exception Refuse(Socket?[] peers, Exception failure)
    {
        foreach (var peer in peers) if (peer is not null) RankGreeting.Answer(peer, failure.Message);
        return failure;
    }

    private static Socket Prepare(Socket socket)
    {
        socket.NoDelay = true;
        // A machine that is gone without a word: noticed after a minute and a half.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        return socket;
    }
}
