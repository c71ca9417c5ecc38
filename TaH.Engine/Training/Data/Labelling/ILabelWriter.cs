namespace TaH.Engine;

/// <summary>A file of labelled rows in the making; without <see cref="Complete"/> nothing is left of it.</summary>
internal interface ILabelWriter : IDisposable
{
    /// <summary>Begins a file, in the format that its name asks for.</summary>
    /// <exception cref="BadFileException">It cannot be written.</exception>
    static ILabelWriter Create(LabelRequest request) => request.Output.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
        ? new ParquetLabelWriter(request) : new JsonLabelWriter(request);

    /// <summary>Writes a row.</summary>
    /// <exception cref="BadFileException">The file cannot be written.</exception>
    void Write(LabelledTokens row);

    /// <summary>Puts the file in its place.</summary>
    /// <exception cref="BadFileException">The file cannot be written.</exception>
    void Complete();
}
