using System.Runtime.InteropServices;

namespace TaH.Engine;

/// <summary>Tokens that are drawn, in the pass or behind it, and how the answers of a pass come to its rows.</summary>
internal sealed partial class IterationLoop
{
    /// <summary>
    /// Asks for the next token of every sequence whose last position is among the rows, if it surely finishes in this pass, or if drawing costs
    /// nothing beside the pass; where the row goes on after all, the token is not looked at.
    /// </summary>
    private void CollectDraws()
    {
        _draws.Clear();
        foreach (ref readonly var row in CollectionsMarshal.AsSpan(_rows))
        {
            if (Draws(row)) _draws.Add(row.Run.Draw!(row.Slot));
        }
    }

    private bool Draws(in PositionInFlight row) =>
        row is { IsLast: true, IsGuess: false, Run.Draw: not null }
        && (forward.DrawsInPass || row.Run.Overlaps || !row.Run.MayGoOn(row.Position, row.Depth));

    /// <summary>Draws the tokens of last positions that finished without one.</summary>
    private void DrawRest()
    {
        _draws.Clear();
        foreach (var position in _finished)
        {
            if (WaitsForToken(position)) _draws.Add(position.Run.Draw!(position.Slot));
        }
        if (_draws.Count == 0) return;
        forward.Draw(CollectionsMarshal.AsSpan(_draws), _drawn.AsSpan(0, _draws.Count));
        for (int i = 0, drawn = 0; i < _finished.Count; i++)
        {
            if (WaitsForToken(_finished[i])) _finished[i] = _finished[i] with { Token = _drawn[drawn++] };
        }
    }

    private static bool WaitsForToken(FinishedPosition position) => position is { IsLast: true, Token: null, Run.Draw: not null };

    /// <summary>Finds which of the answers of the pass are each row's; -1 for none.</summary>
    private void FindAnswers(bool decides)
    {
        var (head, drawn) = (0, 0);
        var rows = CollectionsMarshal.AsSpan(_rows);
        for (var i = 0; i < rows.Length; i++)
        {
            _decisionOf[i] = decides && NeedsDecider(rows[i]) ? head : -1;
            _drawOf[i] = Draws(rows[i]) ? drawn++ : -1;
            if (_table[i].WantsLogits) head++;
        }
    }

    /// <summary>Brings the answers of the pass to its rows: NaN where nobody asked the decider, null where no token was drawn.</summary>
    private void ReceiveResults(bool decides)
    {
        forward.Receive(_headDecisions.AsSpan(0, decides ? forward.Table.HeadCount : 0), _drawn.AsSpan(0, _draws.Count));
        for (var i = 0; i < _rows.Count; i++)
        {
            _decisions[i] = _decisionOf[i] >= 0 ? _headDecisions[_decisionOf[i]] : float.NaN;
            _tokens[i] = _drawOf[i] >= 0 ? _drawn[_drawOf[i]] : null;
        }
    }
}
