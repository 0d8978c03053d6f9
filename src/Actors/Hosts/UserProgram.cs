using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>How an access of the user's code ended.</summary>
public enum UserSignal
{
    /// <summary>It went through.</summary>
    None,

    /// <summary>SIGBUS: there is no page to be had.</summary>
    Sigbus,

    /// <summary>SIGSEGV: nothing is mapped there.</summary>
    Sigsegv,

    /// <summary>Out of memory.</summary>
    Oom,
}

/// <summary>The user's code uses memory that it has mapped.</summary>
public static class UserProgram
{
    /// <summary>Reads or writes a page: the processor tries, and the kernel sees to the faults, until it can.</summary>
    public static async Path<UserSignal> Use(KernelTask current, UserMemory mm, ulong page, bool isWrite)
    {
        while (!await Try(current, mm, page, isWrite))
        {
            var fault = await Paths.Memory.DoUserAddrFault(current, mm, page);
            if (fault != UserSignal.None) return fault;
        }

        return UserSignal.None;
    }

    private static async Path<bool> Try(KernelTask current, UserMemory mm, ulong page, bool isWrite)
    {
        await current.Ask(mm, UserModeEnter.Now);
        var pfn = await current.Ask(mm, new WalkPte(page));
        if (pfn is { } there)
        {
            // From here to the exit the processor has the translation, whatever becomes of the entry.
            if (isWrite) await current.Ask(mm.Memory, new WritePage(there));
            else await current.Ask(mm.Memory, new ReadPage(there));
        }

        await current.Ask(mm, UserModeExit.Now);
        return pfn is not null;
    }
}
