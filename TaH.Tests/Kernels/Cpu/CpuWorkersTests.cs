namespace TaH.Tests;

public class CpuWorkersTests
{
    // 1 and 2 threads, and more than most machines have cores; counts around the grain and around whole chunks.
    public static TheoryData<int, int, int> Cases()
    {
        var cases = new TheoryData<int, int, int>();
        foreach (var threads in (int[])[1, 2, 3, 8])
        foreach (var count in (int[])[0, 1, 7, 8, 9, 64, 1001])
        foreach (var grain in (int[])[1, 8])
            cases.Add(threads, count, grain);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Does_every_index_exactly_once(int threads, int count, int grain)
    {
        using var workers = new CpuWorkers(threads);
        var visits = new int[count];
        workers.For(count, grain, new CountJob(visits));
        Assert.All(visits, times => Assert.Equal(1, times));
    }

    [Fact]
    public void Does_every_index_exactly_once_in_many_launches_back_to_back()
    {
        using var workers = new CpuWorkers(4);
        var visits = new int[37];
        for (var launch = 1; launch <= 20_000; launch++)
        {
            // Two kinds of job in turns, so that a worker that holds on to an earlier one is caught.
            if (launch % 2 == 0) workers.For(visits.Length, grain: 1, new CountJob(visits));
            else workers.For(visits.Length, grain: 1, new ShiftedCountJob(visits, Shift: 0));
            // When the call returns, the work is done: nobody adds anything later.
            if (visits.Any(times => times != launch)) Assert.Fail($"launch {launch}: {string.Join(' ', visits)}");
        }
    }

    [Fact]
    public void Wakes_workers_that_have_gone_to_sleep()
    {
        using var workers = new CpuWorkers(2);
        for (var round = 0; round < 5; round++)
        {
            Thread.Sleep(20); // a hundred times as long as a worker spins
            var threads = new System.Collections.Concurrent.ConcurrentDictionary<int, bool>();
            // Each index lasts until a second thread has come, so a worker that never wakes is a timeout.
            workers.For(2, grain: 1, new MeetJob(threads));
            Assert.Equal(2, threads.Count);
        }
    }

    [Fact]
    public void An_exception_reaches_the_caller_and_the_team_goes_on()
    {
        using var workers = new CpuWorkers(3);
        for (var round = 0; round < 100; round++)
        {
            var failure = Assert.Throws<InvalidOperationException>(() => workers.For(64, grain: 1, new FailingJob(At: round % 64)));
            Assert.Equal($"index {round % 64}", failure.Message);
            var visits = new int[64];
            workers.For(64, grain: 1, new CountJob(visits));
            Assert.All(visits, times => Assert.Equal(1, times));
        }
    }

    [Fact]
    public void A_launch_allocates_nothing()
    {
        using var workers = new CpuWorkers(2);
        var visits = new int[256];
        // Makes this thread's cell, and gives the JIT time to replace its first code of the loop.
        for (var launch = 0; launch < 200; launch++) workers.For(visits.Length, grain: 1, new CountJob(visits));
        Thread.Sleep(200);
        for (var launch = 0; launch < 200; launch++) workers.For(visits.Length, grain: 1, new CountJob(visits));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var launch = 0; launch < 1000; launch++) workers.For(visits.Length, grain: 1, new CountJob(visits));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Two_teams_work_for_two_callers_at_a_time()
    {
        var failures = new string?[2];
        var callers = Enumerable.Range(0, 2).Select(caller => new Thread(() =>
        {
            using var workers = new CpuWorkers(3);
            var visits = new int[53];
            for (var launch = 1; launch <= 2000; launch++)
            {
                workers.For(visits.Length, grain: 1, new CountJob(visits));
                if (visits.Any(times => times != launch)) failures[caller] ??= $"caller {caller}, launch {launch}: {string.Join(' ', visits)}";
            }
        })).ToArray();
        foreach (var caller in callers) caller.Start();
        foreach (var caller in callers) caller.Join();
        Assert.Equal([null, null], failures);
    }

    [Fact]
    public void One_team_serves_two_callers_at_a_time()
    {
        using var workers = new CpuWorkers(3);
        var failures = new string?[2];
        var callers = Enumerable.Range(0, 2).Select(caller => new Thread(() =>
        {
            var visits = new int[53];
            for (var launch = 1; launch <= 5000; launch++)
            {
                workers.For(visits.Length, grain: 1, new CountJob(visits));
                if (visits.Any(times => times != launch)) failures[caller] ??= $"caller {caller}, launch {launch}: {string.Join(' ', visits)}";
            }
        })
        { IsBackground = true }).ToArray();
        foreach (var caller in callers) caller.Start();
        foreach (var caller in callers) Assert.True(caller.Join(TimeSpan.FromSeconds(60)), "a caller waits for ever");
        Assert.Equal([null, null], failures);
    }

    [Fact]
    public void A_job_may_call_its_own_team()
    {
        using var workers = new CpuWorkers(3);
        var visits = new int[40, 30];
        var caller = new Thread(() => workers.For(40, grain: 1, new NestedJob(workers, visits))) { IsBackground = true };
        caller.Start();
        Assert.True(caller.Join(TimeSpan.FromSeconds(60)), "the nested call waits for ever");
        Assert.All(visits.Cast<int>(), times => Assert.Equal(1, times));
    }

    [Fact]
    public void The_last_chunk_may_end_at_the_largest_index()
    {
        using var workers = new CpuWorkers(8);
        // Three chunks and one index: the end of a whole fourth chunk overflows, and so does what the other threads ask for afterwards.
        var ranges = new System.Collections.Concurrent.ConcurrentBag<(int Start, int End)>();
        workers.For(int.MaxValue, grain: int.MaxValue / 3, new RangeJob(ranges));
        var next = 0;
        foreach (var (start, end) in ranges.Order())
        {
            Assert.Equal(next, start);
            next = end;
        }
        Assert.Equal(int.MaxValue, next);
    }

    [Fact]
    public void Is_disposed_twice_without_harm()
    {
        var workers = new CpuWorkers(3);
        workers.Dispose();
        workers.Dispose();
    }

    [Fact]
    public void Refuses_a_team_of_nobody() => Assert.Throws<ArgumentOutOfRangeException>(() => new CpuWorkers(0));

    private readonly record struct CountJob(int[] Visits) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var i = start; i < end; i++) Interlocked.Increment(ref Visits[i]);
        }
    }

    private readonly record struct ShiftedCountJob(int[] Visits, long Shift) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var i = start; i < end; i++) Interlocked.Increment(ref Visits[i + Shift]);
        }
    }

    private readonly record struct MeetJob(System.Collections.Concurrent.ConcurrentDictionary<int, bool> Threads) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var threads = Threads;
            threads[Environment.CurrentManagedThreadId] = true;
            Assert.True(SpinWait.SpinUntil(() => threads.Count == 2, TimeSpan.FromSeconds(20)), "no second thread came");
        }
    }

    private readonly record struct NestedJob(CpuWorkers Workers, int[,] Visits) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var i = start; i < end; i++) Workers.For(Visits.GetLength(1), grain: 1, new NestedRowJob(Visits, i));
        }
    }

    private readonly record struct NestedRowJob(int[,] Visits, int Row) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var i = start; i < end; i++) Interlocked.Increment(ref Visits[Row, i]);
        }
    }

    private readonly record struct RangeJob(System.Collections.Concurrent.ConcurrentBag<(int Start, int End)> Ranges) : ICpuJob
    {
        public void Run(int start, int end) => Ranges.Add((start, end));
    }

    private readonly record struct FailingJob(int At) : ICpuJob
    {
        public void Run(int start, int end)
        {
            if (start <= At && At < end) throw new InvalidOperationException($"index {At}");
        }
    }
}
