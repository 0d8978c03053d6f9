using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>What an owner of state says of the locks that protect it.</summary>
internal static class Lockdep
{
    /// <summary>
    /// <c>lockdep_assert_held()</c>: the sender holds the lock, alone unless <paramref name="mode"/> says otherwise.
    /// </summary>
    internal static void AssertHeld(KernelTask sender, Lock held, LockMode mode = LockMode.Exclusive)
    {
        if (!held.IsHeldBy(sender, mode)) sender.Warn($"lockdep_assert_held({held.Name})");
    }
}
