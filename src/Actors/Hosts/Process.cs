namespace GmemActors.Actors;

/// <summary>Who makes a system call: the files and the memory of a user process. Immutable.</summary>
/// <param name="Files">Its open files.</param>
/// <param name="Mm">Its memory; none if nothing there asks for it.</param>
public sealed record Process(FilesStruct Files, UserMemory? Mm);
