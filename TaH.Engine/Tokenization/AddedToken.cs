namespace TaH.Engine;

/// <summary>A token that is looked for in the text before BPE runs, as an entry of <c>added_tokens</c> in tokenizer.json describes it.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Content">The text that it stands for.</param>
/// <param name="Special">Left out of decoded text on request.</param>
/// <param name="Normalized">Looked for in the normalised text, not in the raw one.</param>
/// <param name="SingleWord">Counts only where no word character touches it.</param>
/// <param name="StripsLeft">Swallows the white space before it.</param>
/// <param name="StripsRight">Swallows the white space after it.</param>
internal sealed record AddedToken(int Id, string Content, bool Special, bool Normalized, bool SingleWord, bool StripsLeft, bool StripsRight);
