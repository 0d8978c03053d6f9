using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>The kernel module that KVM is, <c>struct module</c>: how many keep it from being unloaded.</summary>
/// <remarks>Source: kernel/module/main.c. Simplified: its users are VMs and their files; it is not unloaded by force.</remarks>
public sealed class Module(string name) : Actor(name)
{
    private int _refCount;
    private bool _isGone;

    /// <summary>What was first run of its code after that was freed; null if nothing was.</summary>
    internal string? RunAfterFree { get; private set; }

    /// <summary>Takes a reference before the world runs.</summary>
    public void Get() => _refCount++;

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case TryModuleGet get:
                if (!_isGone) _refCount++;
                return get.Reply(!_isGone);
            case ModulePut:
                sender.WarnOn(_refCount == 0, "module_put: refcnt underflow");
                _refCount--;
                return Reply.Done;
            case TryStopModule stop:
                _isGone |= _refCount == 0;
                return stop.Reply(_isGone);
            case RunModuleText run:
                if (_isGone) RunAfterFree ??= run.Function;
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}

/// <summary>Takes a reference unless the module is going away; replies whether it did.</summary>
public sealed record TryModuleGet : Message<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly TryModuleGet Now = new();
}

/// <summary>Drops a reference on the module.</summary>
public sealed record ModulePut : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ModulePut Now = new();
}

/// <summary>Unloads the module unless somebody refers to it; replies whether it did.</summary>
public sealed record TryStopModule : Message<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly TryStopModule Now = new();
}

/// <summary>Code of the module runs: the rest of a function that gave the last reference away.</summary>
public sealed record RunModuleText(string Function) : Message<Done>;
