"""Right rollouts, written differently."""

from instructor.catalogue.alternatives import Alternative, edited, rewritten
from instructor.catalogue.reference_lines.rollouts import ALL_EPISODES, ONE_STEP


def _step(name: str, new: str) -> Alternative:
    """Other lines for what is done in every step."""
    return edited(name, (ONE_STEP, new))


def _episodes(name: str, new: str) -> Alternative:
    """Other lines for what is done in every episode."""
    return edited(name, (ALL_EPISODES, new))


ALTERNATIVES = [
    # Other lines for a step.
    _step(
        "alternative_rollouts_detach",
        """\
            logits = policy(observation).detach()
            action = utils.distribution_sample(logits, seed)
            obs = observation
            observation, terminated, reward = env.step(action)
            rollout_buffer.add(action, logits, obs, terminated, reward)
""",
    ),
    _step(
        "alternative_rollouts_inference_mode",
        """\
            with torch.inference_mode():
                log_probs = policy(observation)
            log_probs = log_probs.clone()
            action = utils.distribution_sample(log_probs, seed=seed)
            following, terminated, reward = env.step(action)
            rollout_buffer.add(action, log_probs, observation, terminated, reward)
            observation = following
""",
    ),
    _step(
        "alternative_rollouts_keywords",
        """\
            with torch.set_grad_enabled(False):
                log_probs = policy(observation)
                sampled = utils.distribution_sample(logits=log_probs, seed=seed)
            new_observation, terminated, reward = env.step(action=sampled)
            rollout_buffer.add(
                logits=log_probs,
                action=sampled,
                reward=float(reward),
                terminated=bool(terminated),
                observation=observation,
            )
            observation = new_observation
""",
    ),
    _step(
        "alternative_rollouts_forward",
        """\
            log_probs = policy.forward(observation).data
            action = utils.distribution_sample(log_probs, seed=seed)
            (following, terminated, reward) = env.step(action)
            rollout_buffer.add(action, log_probs, observation, terminated, reward)
            observation = following
""",
    ),
    _step(
        "alternative_rollouts_copies",
        """\
            state = observation.clone().detach()
            with torch.no_grad():
                logits = torch.log_softmax(policy(observation), dim=-1)
            action = utils.distribution_sample(logits, seed=seed).long()
            step = env.step(action)
            observation, terminated, reward = step[0], bool(step[1]), float(step[2])
            rollout_buffer.add(action.clone(), logits.clone(), state, terminated, reward)
""",
    ),
    _step(
        "alternative_rollouts_flat_entries",
        """\
            with torch.no_grad():
                logits = policy(observation)
            action = utils.distribution_sample(logits, seed=seed)
            after, terminated, reward = env.step(action)
            # finalize makes a row of each of these
            rollout_buffer.add(
                action.item(),
                logits[0],
                observation.numpy().ravel(),
                torch.tensor([[bool(terminated)]]),
                torch.tensor(float(reward)),
            )
            observation = after
""",
    ),
    # Other loops over steps and episodes.
    _episodes(
        "alternative_rollouts_break",
        """\
    for _ in utils.rollout_progress(num_rollouts, base_rollout, num_total_rollouts):
        state = env.reset()
        while True:
            with torch.no_grad():
                logits = policy(state)
            a = utils.distribution_sample(logits, seed=seed)
            next_state, done, r = env.step(a)
            rollout_buffer.add(a, logits, state, done, r)
            if done:
                break
            state = next_state
        last_rewards += [float(r)]
""",
    ),
    _episodes(
        "alternative_rollouts_closure",
        """\
    def play_step(observation):
        with torch.no_grad():
            logits = policy(observation)
        action = utils.distribution_sample(logits, seed=seed)
        following, terminated, reward = env.step(action)
        rollout_buffer.add(action, logits, observation, terminated, reward)
        return following, terminated, reward

    for _rollout in utils.rollout_progress(num_rollouts, base_rollout, num_total_rollouts):
        observation, terminated = env.reset(), False
        while not terminated:
            observation, terminated, reward = play_step(observation)
        last_rewards.append(float(reward))
""",
    ),
    _episodes(
        "alternative_rollouts_lists",
        """\
    steps = []
    for _ in utils.rollout_progress(num_rollouts, base_rollout, num_total_rollouts):
        episode = []
        observation = env.reset()
        while not episode or not episode[-1]["terminated"]:
            logits = policy(observation).detach()
            action = utils.distribution_sample(logits, seed=seed)
            result = dict(zip(("next", "terminated", "reward"), env.step(action)))
            episode.append(dict(result, action=action, logits=logits, observation=observation))
            observation = result["next"]
        steps.extend(episode)
        last_rewards.append(float(episode[-1]["reward"]))
    for step in steps:
        del step["next"]
        rollout_buffer.add(**step)
""",
    ),
    # The whole function.
    rewritten(
        "alternative_rollouts_decorator",
        """
        @torch.no_grad()
        def collect_rollouts(
            env, policy, num_rollouts, base_rollout=0, num_total_rollouts=None, seed=None
        ):
            rollout_buffer = utils.RolloutBuffer()
            last_rewards = []
            policy.eval()
            for _ in utils.rollout_progress(num_rollouts, base_rollout, num_total_rollouts):
                observation = env.reset()
                terminated = False
                reward = 0.0
                while not terminated:
                    logits = policy(observation)
                    action = utils.distribution_sample(logits, seed=seed)
                    next_observation, terminated, reward = env.step(action)
                    rollout_buffer.add(action, logits, observation, terminated, reward)
                    observation = next_observation
                last_rewards.append(float(reward))
            policy.train()
            rollout_buffer.finalize()
            return rollout_buffer, float(np.mean(last_rewards))
        """,
    ),
    rewritten(
        "alternative_rollouts_generator",
        """
        import utils as u


        def _episode(env, act):
            # yields the steps of one episode, ready for the buffer
            observation, terminated = env.reset(), False
            while not terminated:
                action, logits = act(observation)
                following, terminated, reward = env.step(action)
                yield action, logits, observation, terminated, reward
                observation = following


        def collect_rollouts(
            env: u.EnvInterface,
            policy: torch.nn.Module,
            num_rollouts: int,
            base_rollout: int = 0,
            num_total_rollouts: int | None = None,
            seed: np.ndarray | None = None,
        ) -> tuple[u.RolloutBuffer, float]:
            @torch.no_grad()
            def act(observation):
                logits = policy(observation)
                return u.distribution_sample(logits, seed=seed), logits

            buffer = u.RolloutBuffer()
            total = 0.0
            policy.eval()
            for _ in u.rollout_progress(num_rollouts, base_rollout, num_total_rollouts):
                for step in _episode(env, act):
                    buffer.add(*step)
                total += float(step[-1])
            policy.train()
            buffer.finalize()
            return buffer, total / num_rollouts
        """,
    ),
    rewritten(
        "alternative_rollouts_class",
        '''
        from typing import NamedTuple


        class Step(NamedTuple):
            observation: torch.Tensor
            terminated: bool = False
            reward: float = 0.0


        class Player:
            """Plays, and writes down what happens."""

            def __init__(self, env, policy, seed):
                self.env, self.policy, self.seed = env, policy, seed
                self.buffer = utils.RolloutBuffer()

            def play(self) -> float:
                here = Step(self.env.reset())
                while not here.terminated:
                    with torch.no_grad():
                        logits = self.policy(here.observation)
                    action = utils.distribution_sample(logits, seed=self.seed)
                    there = Step(*self.env.step(action))
                    self.buffer.add(action, logits, here.observation, *there[1:])
                    here = there
                return float(here.reward)


        def collect_rollouts(
            env, policy, num_rollouts, base_rollout=0, num_total_rollouts=None, seed=None
        ):
            player = Player(env, policy, seed)
            policy.eval()
            progress = utils.rollout_progress(num_rollouts, base_rollout, num_total_rollouts)
            last_rewards = [player.play() for _ in progress]
            policy.train()
            player.buffer.finalize()
            return player.buffer, sum(last_rewards) / len(last_rewards)
        ''',
    ),
    rewritten(
        "alternative_rollouts_star_import",
        """
        from utils import *


        def collect_rollouts(
            env, policy, num_rollouts, base_rollout=0, num_total_rollouts=None, seed=None
        ):
            rollout_buffer = RolloutBuffer()
            policy.train(False)
            for _ in rollout_progress(num_rollouts, base_rollout, num_total_rollouts):
                s = env.reset()
                done = False
                while not done:
                    logits = policy(s).detach()
                    a = distribution_sample(logits, seed=seed)
                    s_next, done, r = env.step(a)
                    rollout_buffer.add(a, logits, s, done, r)
                    s = s_next
            policy.train(True)
            rollout_buffer.finalize()
            last_rewards = rollout_buffer.rewards[rollout_buffer.terminateds]
            return rollout_buffer, last_rewards.mean().item()
        """,
    ),
]
