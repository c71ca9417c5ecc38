namespace TaH.Engine;

/// <summary>Hands out pages of the KV pool and takes them back. Memory grows on demand, up to a limit.</summary>
/// <param name="pool">Where the pages lie.</param>
/// <param name="limit">Pages that may exist at a time.</param>
internal sealed class PageAllocator(KvPool pool, int limit)
{
    private readonly Stack<int> _free = new();
    private int _made;

    /// <summary>Pages in use.</summary>
    public int InUse => _made - _free.Count;

    /// <summary>The pool, which has memory for every page handed out after <see cref="EnsureMemory"/>.</summary>
    public KvPool Pool => pool;

    /// <summary>Takes a page.</summary>
    /// <exception cref="UsageException">The limit is reached.</exception>
    public int Take()
    {
        if (_free.TryPop(out var page)) return page;
        if (_made == limit)
        {
            var full = $"the KV grid is full: {limit:N0} pages of {pool.Shape.PageSize} entries are in use";
            throw new UsageException($"{full}; ask for a larger context or run fewer sequences");
        }
        return _made++;
    }

    /// <summary>Takes a page back.</summary>
    public void Return(int page) => _free.Push(page);

    /// <summary>Makes memory for every page handed out, with room for as many again as half of them, so that growing is rare.</summary>
    public void EnsureMemory()
    {
        if (_made > pool.PageCount) pool.Grow(Math.Min(limit, Math.Max(_made + (_made / 2), 16)));
    }
}
