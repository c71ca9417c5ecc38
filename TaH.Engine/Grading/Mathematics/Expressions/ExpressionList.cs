using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace TaH.Engine;

/// <summary>Expressions in a row; two are equal when their elements are.</summary>
[CollectionBuilder(typeof(ExpressionList), nameof(Create))]
public sealed class ExpressionList(ImmutableArray<MathExpression> items) : IReadOnlyList<MathExpression>, IEquatable<ExpressionList>
{
    private readonly int _hash = items.Aggregate(items.Length, (hash, item) => HashCode.Combine(hash, item.GetHashCode()));

    /// <inheritdoc/>
    public int Count => items.Length;

    /// <inheritdoc/>
    public MathExpression this[int index] => items[index];

    /// <summary>A list of these elements.</summary>
    public static ExpressionList Create(ReadOnlySpan<MathExpression> items) => new([.. items]);

    /// <inheritdoc/>
    public bool Equals(ExpressionList? other) => other is not null && _hash == other._hash && this.SequenceEqual(other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExpressionList);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <inheritdoc/>
    public IEnumerator<MathExpression> GetEnumerator() => ((IEnumerable<MathExpression>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
