namespace TaH.Engine;

/// <summary>One turn of a chat.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What is said; an assistant's may begin with its <c>&lt;think&gt;...&lt;/think&gt;</c> block.</param>
public sealed record ChatMessage(string Role, string Content);
