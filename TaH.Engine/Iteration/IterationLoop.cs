using System.Runtime.InteropServices;

namespace TaH.Engine;

/// <summary>
/// The loop that makes a model think: runs a pass over whatever rows are due, asks each sequence's policy which of them go on, and forms deeper rows
/// only for those. Rows of many sequences and depths share a pass; a prompt's next chunk may run beside the latent pass of the chunk before.
/// </summary>
internal sealed partial class IterationLoop(ForwardPass forward)
{
    private readonly List<PositionInFlight> _deeper = [];
    private readonly List<PositionInFlight> _rows = [];
    private readonly List<FinishedPosition> _finished = [];
    private readonly Stack<int> _freeSlots = new(Enumerable.Range(0, forward.Logits.Slots).Reverse());
    private readonly Row[] _table = new Row[forward.Table.Capacity];
    private readonly int[] _visible = new int[forward.Table.Capacity * forward.Table.Depths];
    private readonly float[] _headDecisions = new float[forward.Table.Capacity];
    private readonly float[] _decisions = new float[forward.Table.Capacity];
    private readonly List<SampleRequest> _draws = [];
    private readonly int[] _drawn = new int[forward.Table.Capacity];
    private readonly int[] _decisionOf = new int[forward.Table.Capacity];
    private readonly int[] _drawOf = new int[forward.Table.Capacity];
    private readonly int?[] _tokens = new int?[forward.Table.Capacity];
    private readonly List<SequenceRun> _turns = []; // in the order of this pass
    private int _turn;

    /// <summary>Called after each pass with its positions (at the depth that ran) and the decider's logits, NaN where it did not run.</summary>
    public Action<IReadOnlyList<PositionInFlight>, IReadOnlyList<float>>? AfterPass { get; init; }

    /// <summary>The rows of the last pass, counted for its cost.</summary>
    public PassRows LastPass => PassRows.Of(
        _table.AsSpan(0, _rows.Count), _visible.AsSpan(0, _rows.Count * forward.Table.Depths), forward.Table.Depths, _rows.Count(NeedsDecider));

    /// <summary>Runs one pass over the rows that are due: first every position that goes on, then waiting tokens as far as there is room.</summary>
    /// <param name="runs">
    /// The sequences in flight. A single waiting token comes before a prompt's chunk; who is first changes from pass to pass.
    /// </param>
    /// <returns>The positions that have had their last pass. Their slots hold until the next call.</returns>
    /// <remarks>If the pass fails, the positions that were in it leave the grid, so that nothing is ever attended to that was not computed.</remarks>
    public IReadOnlyList<FinishedPosition> RunPass(IReadOnlyList<SequenceRun> runs)
    {
        ReleaseFinished();
        try
        {
            CollectRows(runs);
            if (_rows.Count > 0) RunRows();
            DrawRest();
            return _finished;
        }
        catch
        {
            Undo();
            throw;
        }
    }

    private void RunRows()
    {
        DescribeRows();
        CollectDraws();
        var decides = _rows.Exists(NeedsDecider);
        forward.Run(
            _table.AsSpan(0, _rows.Count), _visible.AsSpan(0, _rows.Count * forward.Table.Depths), decides, CollectionsMarshal.AsSpan(_draws));
        FindAnswers(decides); // while the device works
        ReceiveResults(decides);
        AfterPass?.Invoke(_rows, new ArraySegment<float>(_decisions, 0, _rows.Count));
        Part();
    }

    /// <summary>Whether any position of a sequence waits for a deeper pass.</summary>
    public bool IsInFlight(SequenceRun run) => _deeper.Exists(position => position.Run == run);

    /// <summary>Forgets a sequence's positions in flight, for a request that ends early.</summary>
    /// <returns>The first position whose passes are not complete; the sequence's length where all are.</returns>
    public int Drop(SequenceRun run)
    {
        DropGuess(run);
        var complete = run.Grid.Length;
        foreach (var position in _deeper.Where(position => position.Run == run))
        {
            if (position.Slot >= 0) _freeSlots.Push(position.Slot);
            complete = Math.Min(complete, position.Position);
        }
        _deeper.RemoveAll(position => position.Run == run);
        return complete;
    }

    private void ReleaseFinished()
    {
        foreach (var position in _finished)
        {
            if (position.Slot >= 0) _freeSlots.Push(position.Slot);
        }
        _finished.Clear();
    }

    private void CollectRows(IReadOnlyList<SequenceRun> runs)
    {
        _rows.Clear();
        _turn++;
        TakeTurns(runs);
        foreach (var run in _turns)
        {
            if (run.PendingCount == 1) CollectWaiting(run);
        }
        foreach (var run in _turns) CollectWaiting(run);
        foreach (var run in _turns)
        {
            if (run.Guess is { } token) CollectGuess(run, token);
        }
        if (_rows.Count == 0 && _deeper.Count == 0 && _finished.Count == 0 && runs.Any(run => run.PendingCount > 0))
            throw new InvalidOperationException("no slot is free for a waiting token");
        // Deeper rows behind: the suffix of depth 1 and more is where LoRA applies.
        foreach (var row in _deeper)
        {
            row.Run.Grid.Append(row.Depth, row.Position);
            _rows.Add(row);
        }
        _deeper.Clear();
    }

    /// <summary>Who is first changes from pass to pass.</summary>
    private void TakeTurns(IReadOnlyList<SequenceRun> runs)
    {
        _turns.Clear();
        var first = runs.Count > 0 ? _turn % runs.Count : 0;
        for (var i = first; i < runs.Count; i++) _turns.Add(runs[i]);
        for (var i = 0; i < first; i++) _turns.Add(runs[i]);
    }

    private void CollectWaiting(SequenceRun run)
    {
        if (run.PendingCount == 0) return;
        if (run.Ahead is not null) Resolve(run);
        while (run.PendingCount > 0 && _rows.Count + _deeper.Count < forward.Table.Capacity)
        {
            var (position, isLast) = (run.Grid.Length, run.PendingCount == 1);
            var wantsSlot = isLast || run.WantsAllLogits || run.MayGoOn(position, depth: 0);
            if (wantsSlot && _freeSlots.Count == 0) return;
            run.Grid.Append(0, position);
            _rows.Add(new PositionInFlight(run, position, run.TakeToken(), Depth: 0, wantsSlot ? _freeSlots.Pop() : -1, isLast, float.NaN));
        }
    }

    /// <summary>Takes the positions of a pass that failed out of the grid and gives their slots back.</summary>
    private void Undo()
    {
        foreach (var row in _rows.Union(_deeper))
        {
            if (row.Slot >= 0 && !_freeSlots.Contains(row.Slot)) _freeSlots.Push(row.Slot);
            row.Run.Grid.TruncateFrom(Math.Min(row.Position, row.Run.Grid.Length));
        }
        foreach (var position in _finished)
        {
            if (position.Slot >= 0 && !_freeSlots.Contains(position.Slot)) _freeSlots.Push(position.Slot);
            position.Run.Grid.TruncateFrom(Math.Min(position.Position, position.Run.Grid.Length));
        }
        _rows.Clear();
        _deeper.Clear();
        _finished.Clear();
    }

    private void DescribeRows()
    {
        var depths = forward.Table.Depths;
        Array.Clear(_visible, 0, _rows.Count * depths);
        var rows = CollectionsMarshal.AsSpan(_rows);
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            var grid = row.Run.Grid;
            for (var depth = 0; depth <= row.Depth; depth++)
                if (forward.Rules.Sees(row.Depth, depth)) _visible[(i * depths) + depth] = grid.VisibleAt(depth, row.Position);
            var own = grid.VisibleAt(row.Depth, row.Position) - 1; // the row's own entry is the last up to its position at its depth
            _table[i] = new Row(grid.Number, row.Position, row.Depth, row.Token, row.Slot, grid.CellAt(row.Depth, own), row.WantsLogits);
        }
    }

    private static bool NeedsDecider(PositionInFlight row) => row.Run.Policy.NeedsDecider && row.Run.MayGoOn(row.Position, row.Depth);

    /// <summary>
    /// Parts the rows into those that go on and those that have finished. Rows came sorted by depth and then position, so what goes on is sorted too.
    /// </summary>
    private void Part()
    {
        var rows = CollectionsMarshal.AsSpan(_rows);
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            if (row.IsGuess) row.Run.Ahead = new RanAhead(row.Position, row.Token, row.Slot, _decisions[i]);
            else Part(row, _decisions[i], _tokens[i]);
        }
    }

    /// <returns>Whether the row goes on.</returns>
    private bool Part(in PositionInFlight row, float decision, int? token)
    {
        var firstDecision = row.Depth == 0 ? decision : row.FirstDecision;
        if (row.Run.MayGoOn(row.Position, row.Depth) && row.Run.Policy.GoesOn(row.Position, row.Depth, decision))
        {
            _deeper.Add(row with { Depth = row.Depth + 1, FirstDecision = firstDecision });
            if (row is { IsLast: true, Run: { Overlaps: true, Ahead: null } }) row.Run.Guess = token;
            return true;
        }
        _finished.Add(new FinishedPosition(row.Run, row.Position, row.Depth + 1, row.Slot, row.IsLast, firstDecision, token));
        return false;
    }
}
